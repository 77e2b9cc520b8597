const promBundle = require('express-prom-bundle');

exports.setUp = (app) => {
  app.use(promBundle({ includeMethod: true, includePath: true }));
};
