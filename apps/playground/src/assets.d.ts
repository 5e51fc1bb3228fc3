/** What the bundler makes of imports that are no modules. */
declare module '*?url' {
  const address: string;
  export default address;
}
declare module '*.css';
interface ImportMeta {
  /** Of the bundler. */
  readonly env?: { readonly PROD: boolean };
  /** Contents of all files that a pattern names, by their paths. */
  glob<T>(pattern: string, options: { readonly eager: true; readonly import: 'default' }): Record<string, T>;
}
