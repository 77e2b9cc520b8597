import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInstrument, type Instrument, type SchemaSource } from '@coalmine/node';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { type Served, serve } from '../conformance/frameworks.js';
import { isPrometheusMissing, startPrometheus } from '../support/prometheus.js';

const document = readFileSync(new URL('../../docs/schema-versions.md', import.meta.url), 'utf8');
const [gate = '', states = ''] = [...document.matchAll(/```promql\n(.*?)\n```/gs)].map(([, query]) => query ?? '');
const CONTRACT = '20260301_contract_name';

interface Pod {
  readonly instrument: Instrument;
  readonly service: Served;
}

async function podOf(knows: readonly string[]): Promise<Pod> {
  const source: SchemaSource = {
    name: 'prisma',
    compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
    read: async () => ({ applied: ['20260201_add_title'] }),
  };
  const supports = { knows, floor: { names: /^\d+_contract_/ } };
  const health = { schema: { source, supports }, signals: [] };
  const instrument = createInstrument({ registry: new Registry(), health });
  await instrument.listen();
  const service = await serve(createServer(instrument.handler((_request, response) => response.end())));
  return { instrument, service };
}

describe.skipIf(isPrometheusMissing)('the queries of the documents, before a real Prometheus', () => {
  it('let a contract go on only when every pod that should be there knows it', async () => {
    const [old, first, second] = [
      await podOf(['20260201_add_title']),
      await podOf(['20260201_add_title', CONTRACT]),
      await podOf(['20260201_add_title', CONTRACT]),
    ];
    const pods = [old, first, second];
    const jobs = Object.fromEntries(pods.map(({ service }, i) => [`pod-${i}`, { port: service.port }]));
    const prometheus = await startPrometheus(jobs);
    try {
      await prometheus.untilScraped(2);
      const replicas = (count: number): string => gate.replace('>= 6', `>= ${count}`);
      expect(gate).toContain('>= 6');
      expect(await prometheus.query(replicas(3))).toEqual([]);
      expect((await prometheus.query(states))[0]?.value).toBe(0);
      // For the database, the old pod is gone.
      const rest = replicas(2).replaceAll('{source="prisma"}', '{source="prisma",job!="pod-0"}');
      expect(await prometheus.query(rest)).toHaveLength(1);
      // A pod that is not scraped does not allow the contract migration.
      expect(await prometheus.query(rest.replace('>= 2', '>= 3'))).toEqual([]);
      expect(await prometheus.query(replicas(1).replaceAll('prisma', 'nobody'))).toEqual([]);
    } finally {
      await prometheus.close();
      for (const { service, instrument } of pods) {
        await service.close();
        await instrument.close();
      }
    }
  });
});
