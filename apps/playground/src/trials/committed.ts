/** Results that the repository has of `npm run bench -- bundled`, taken in when the page is built. */

/** What a file of results has. */
export interface CommittedResult {
  readonly date: string;
  readonly device: string;
  readonly runtime: string;
  readonly loadAverage?: number;
  readonly rows: readonly {
    readonly structure: string;
    readonly backend: string;
    readonly device: string;
    readonly precision: string;
    readonly tables: 'all' | 'some' | 'none';
    readonly threads: number;
    readonly usPerAtom: { readonly min: number; readonly median: number };
  }[];
}

const files = import.meta.glob<CommittedResult>('../../../../benchmarks/results/**/bundled*.json', {
  eager: true,
  import: 'default',
});

export const committed: readonly CommittedResult[] = Object.values(files);
