const { coalmine } = require('@coalmine/express');

exports.setUp = (app, options) => {
  app.use(coalmine(options));
};
