/** Licences that somebody has to accept, and models that are known and not computed. */
import { ModelUnavailableError } from '@mace/core';
import { licenceAddresses, type Licence, type PublishedModel } from './published.js';

export interface LicenceOptions {
  /** Licences that you accept, such as `['ASL']`, or a question that is asked where one is needed. MIT needs none. */
  readonly acceptLicence?:
    | readonly Licence[]
    | ((licence: Licence, model: PublishedModel) => boolean | Promise<boolean>);
}

/** @throws ModelUnavailableError where the licence of the model is not accepted */
export async function checkLicence(model: PublishedModel, { acceptLicence = [] }: LicenceOptions): Promise<void> {
  const { licence } = model;
  if (licence === 'MIT') return;
  const isAccepted =
    typeof acceptLicence === 'function' ? await acceptLicence(licence, model) : acceptLicence.includes(licence);
  if (isAccepted) return;
  throw new ModelUnavailableError(
    'licence',
    `${model.title} is under the Academic Software License (ASL): free for academic work, not for commercial use. Read ${licenceAddresses[licence]} and accept it once: \`mace models pull ${model.name} --accept-licence ${licence}\`, or \`acceptLicence: ['${licence}']\` in a program.`,
  );
}

/** @throws ModelUnavailableError for models of a class that is not computed here */
export function refuseUncomputable(model: PublishedModel): void {
  if (model.refused) throw new ModelUnavailableError('refused', `${model.title} cannot be used: ${model.refused}.`);
}
