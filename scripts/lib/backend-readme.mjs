// The README of a new backend: what it is, how to build and test it, and what to do with a folder in a repository of one's
// own.

/**
 * @param {string} name
 * @param {boolean} member - whether it is a package of this workspace
 */
export function readme(name, member) {
  return member ? ofPackage(name) : ofFolder(name);
}

/** @param {string} name */
function ofPackage(name) {
  const folder = `packages/backend-${name}`;
  return `# @mace/backend-${name}

MACE for JavaScript on ${name}. [The guide](../../docs/guides/add-a-backend.md) goes from here to a backend that passes the
conformance kit.

From the root of the workspace: build, ask for a part of the kit, ask for all of it as tests.

<!-- not run: the table of ops is empty at first, and then the whole kit takes minutes -->
\`\`\`sh
npm run setup
npx --no-install mace conform --backend ${folder} --only contract/probe
npm run test:all -- --project backend-${name}
\`\`\`
`;
}

/** @param {string} name */
function ofFolder(name) {
  return `# mace-backend-${name}

MACE for JavaScript on ${name}. The guide "Add a backend" of that project, docs/guides/add-a-backend.md, goes from here to a
backend that passes the conformance kit.

## In a clone of MACE for JavaScript

Where this folder lies in a clone, it finds \`@mace/core\`, \`@mace/conformance\`, TypeScript and vitest in the clone, once
\`npm run setup\` has run there. Install nothing here. From the root of the clone, with FOLDER for this folder:

\`\`\`sh
npx --no-install tsc -p FOLDER
npx --no-install mace conform --backend FOLDER --precision both
npx --no-install vitest run --root FOLDER
\`\`\`

The last command runs the whole kit as tests, which takes some minutes; \`-t "f64 ops/exp"\` after it runs the part whose
names have these words.

## In a repository of your own

Copy the folder without \`dist\`. Its package.json names all that it needs: \`@mace/core\` to compute, and for the tests
\`@mace/conformance\`, TypeScript and vitest. In the folder:

\`\`\`sh
npm install
npm run build
npm test
\`\`\`

\`npm test\` runs the whole kit; \`npm test -- -t "f64 ops/exp"\` a part of it. \`@mace/core\` and \`@mace/conformance\` belong
together: take the same version of both, and write it into package.json in place of the stars. Versions that are not published
can be packed in a clone after \`npm run setup\`, with \`npx -y pnpm@10 pack\` in \`packages/core\` and in
\`packages/conformance\`; \`npm install FILE FILE\` with the two files that this makes then comes first, in place of
\`npm install\`.
`;
}
