import { expect, it } from 'vitest';
import { findDifference, textOf } from './compare.js';
import { EXPRESS_TARGETS, expressPlanOf } from './express-plan.js';
import { visitsOf } from './visits.js';

it.each(['express4', 'express5'] as const)(
  'generated apps on %s behave with Coalmine as they do without',
  async (framework) => {
    const difference = await findDifference((random) => ({
      framework,
      plan: expressPlanOf(random, framework),
      visits: visitsOf(random, EXPRESS_TARGETS),
    }));
    expect(difference?.measured, difference && textOf(difference)).toBe(difference?.bare);
  },
  600_000,
);
