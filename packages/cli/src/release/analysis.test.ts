import { describe, expect, it } from 'vitest';
import { type AnalysisOptions, parseAnalysis } from './analysis.js';

describe('how a canary is measured', () => {
  it('is known without options', () => {
    expect(parseAnalysis(undefined)).toEqual({
      scrapeSeconds: 15,
      windowSeconds: 120,
      lookbackSeconds: 1800,
      intervalSeconds: 30,
      count: 9,
      startSeconds: 60,
      minRequests: 20,
      confidence: 0.9999,
      compareWithStable: true,
      slowerThanStable: undefined,
      onSilence: 'halt',
    });
  });

  it('follows the interval of the scrapes', () => {
    expect(parseAnalysis({ scrapeSeconds: 60 })).toMatchObject({ windowSeconds: 240, intervalSeconds: 60 });
    expect(parseAnalysis({ windowSeconds: 1000 })).toMatchObject({ lookbackSeconds: 2000 });
  });

  it.each<[options: AnalysisOptions, message: string]>([
    [{ windowSeconds: 59 }, 'analysis.windowSeconds must be at least four scrapes: 60, got 59'],
    [{ lookbackSeconds: 239 }, 'analysis.lookbackSeconds must be at least two windows: 240, got 239'],
    [{ intervalSeconds: 14 }, 'analysis.intervalSeconds must be at least one scrape: 15, got 14'],
    [{ confidence: 0.79 }, 'analysis.confidence must be a probability from 0.8 to 0.999999, got 0.79'],
    [{ confidence: 1 }, 'analysis.confidence must be a probability from 0.8 to 0.999999, got 1'],
    [{ slowerThanStable: 1 }, 'analysis.slowerThanStable must be a number above 1, such as 1.5, got 1'],
    [
      { slowerThanStable: Number.POSITIVE_INFINITY },
      'analysis.slowerThanStable must be a number above 1, such as 1.5, got Infinity',
    ],
  ])('cannot be %j', (options, message) => {
    expect(() => parseAnalysis(options)).toThrow(message);
  });

  it('may be at each limit', () => {
    const options: AnalysisOptions = {
      windowSeconds: 60,
      lookbackSeconds: 120,
      intervalSeconds: 15,
      confidence: 0.8,
      slowerThanStable: 1.01,
    };
    expect(parseAnalysis(options)).toMatchObject(options);
    expect(parseAnalysis({ confidence: 0.999999 })).toMatchObject({ confidence: 0.999999 });
  });
});
