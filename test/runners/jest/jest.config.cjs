module.exports = {
  testEnvironment: 'node',
  testMatch: ['**/*.jest.cjs'],
  transform: {},
  testTimeout: 60_000,
  haste: { forceNodeFilesystemAPI: true },
};
