const coalmine = require('@coalmine/fastify');

exports.setUp = async (app, options) => {
  await app.register(coalmine, options);
};
