/** Version of the kit, as in package.json; a test compares the two. */
export const kitVersion = '0.0.0';
