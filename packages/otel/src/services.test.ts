import { describe, expect, it } from 'vitest';
import { metricsOf } from './fixtures/installed.js';
import type { Instrument } from './instruments.js';
import { enlist, isTakenOver, type Publication, takeOver } from './services.js';

/** Publishes metrics for a service, and notes what is published and what ends. */
function publish(metrics = metricsOf()) {
  const told: string[] = [];
  let published: readonly Instrument[] = [];
  const publication: Publication = enlist(metrics, (instruments) => {
    published = instruments;
    const number = told.filter((each) => each.startsWith('publishes')).length + 1;
    told.push(`publishes ${number}`);
    return () => told.push(`ends ${number}`);
  });
  return { metrics, told, publication, published: () => published };
}

describe('the metrics of a service', () => {
  it('are published once, and end once', () => {
    const { told, publication } = publish();
    expect(told).toEqual(['publishes 1']);
    publication.end();
    publication.end();
    expect(told).toEqual(['publishes 1', 'ends 1']);
  });

  it('are published again with what has been added, until they have ended', () => {
    const { told, publication } = publish();
    publication.renew();
    expect(told).toEqual(['publishes 1', 'ends 1', 'publishes 2']);
    publication.end();
    publication.renew();
    expect(told).toEqual(['publishes 1', 'ends 1', 'publishes 2', 'ends 2']);
  });

  it('are published until the last service that shares them has ended', () => {
    const first = publish();
    const second = publish(first.metrics);
    expect(first.told).toEqual(['publishes 1', 'ends 1']);
    first.publication.end();
    first.publication.end();
    expect(second.told).toEqual(['publishes 1']);
    second.publication.end();
    expect(second.told).toEqual(['publishes 1', 'ends 1']);
  });
});

describe('a producer', () => {
  it('takes over, and reads every service', () => {
    expect(isTakenOver()).toBe(false);
    const read = takeOver();
    expect(isTakenOver()).toBe(true);
    expect(read()).toEqual([]);
    const [first, second] = [publish(), publish()];
    expect(read()).toEqual([first.published(), second.published()]);
    first.publication.end();
    second.publication.end();
    expect(read()).toHaveLength(2);
  });

  it('reads a service once more after its end, each producer for itself', () => {
    const [one, other] = [takeOver(), takeOver()];
    const { publication, published } = publish();
    publication.end();
    expect(one()).toEqual([published()]);
    expect(one()).toEqual([]);
    expect(other()).toEqual([published()]);
  });

  it('reads a service that started again once', () => {
    const read = takeOver();
    const first = publish();
    first.publication.end();
    const second = publish(first.metrics);
    expect(read()).toEqual([second.published()]);
    second.publication.end();
    expect(read()).toHaveLength(1);
  });
});
