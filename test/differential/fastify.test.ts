import { expect, it } from 'vitest';
import { findDifference, textOf } from './compare.js';
import { FASTIFY_TARGETS, fastifyPlanOf } from './fastify-plan.js';
import { visitsOf } from './visits.js';

it('generated apps on Fastify behave with Coalmine as they do without', async () => {
  const difference = await findDifference((random) => ({
    framework: 'fastify5',
    plan: fastifyPlanOf(random),
    visits: visitsOf(random, FASTIFY_TARGETS),
  }));
  expect(difference?.measured, difference && textOf(difference)).toBe(difference?.bare);
}, 600_000);
