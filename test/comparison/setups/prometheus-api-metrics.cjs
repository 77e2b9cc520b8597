const apiMetrics = require('prometheus-api-metrics');

exports.setUp = (app) => {
  app.use(apiMetrics());
};
