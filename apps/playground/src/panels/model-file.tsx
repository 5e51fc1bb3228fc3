/** A button that opens a file of the visitor's machine. */
import { isMoving } from '../state.js';
import { takeFile } from '../files/drop.js';

export function ModelFile({ label }: { label: string }) {
  return (
    <label class="button">
      {label}
      <input
        type="file"
        class="unseen"
        disabled={isMoving.value}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) void takeFile(file);
          currentTarget.value = '';
        }}
      />
    </label>
  );
}
