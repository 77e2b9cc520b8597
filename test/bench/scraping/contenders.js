import { Gauge, Registry } from 'prom-client';
import { addCoalmine, addSnippet } from '../series/contenders.js';

const OWN_METRICS = 100;
const OWN_SERIES = 100;

/** What is put on an app, so that it has an exposition at `/metrics`. @type {Record<string, (app: any, routes: number) => unknown>} */
export const CONTENDERS = {
  bare: (app) => app.get('/metrics', async () => 'nothing'),
  'prom-client snippet': (app) => addSnippet(app),
  Coalmine: (app, maxRoutes) => addCoalmine(app, { maxRoutes, defaultMetrics: false }),
  [`Coalmine, ${(OWN_METRICS * OWN_SERIES).toLocaleString('en')} series of the app`]: (app, maxRoutes) =>
    addCoalmine(app, { maxRoutes, defaultMetrics: false }, registryOfApp()),
};

function registryOfApp() {
  const registry = new Registry();
  for (let i = 0; i < OWN_METRICS; i++) {
    const gauge = new Gauge({ name: `shop_stock_${i}`, help: 'Items', labelNames: ['shelf'], registers: [registry] });
    for (let shelf = 0; shelf < OWN_SERIES; shelf++) gauge.set({ shelf }, shelf);
  }
  return registry;
}
