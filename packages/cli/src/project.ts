/** The repository of Coalmine, as project.json says: `npm run project` writes this line. */
export const REPOSITORY = 'https://github.com/OWNER/coalmine';
