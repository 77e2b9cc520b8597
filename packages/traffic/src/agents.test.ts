import { describe, expect, it } from 'vitest';
import { type AgentName, agents } from './agents.js';
import { syntheticType } from './synthetic-type.js';

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';

const examples: Record<AgentName, readonly string[]> = {
  kubelet: ['kube-probe/1.33', 'kube-probe/1.27+'],
  prometheus: ['Prometheus/3.5.0', 'Prometheus/2.45.0'],
  blackboxExporter: ['Blackbox Exporter/0.25.0'],
  envoy: ['Envoy/HC'],
  consul: ['Consul Health Check'],
  elb: ['ELB-HealthChecker/2.0', 'ELB-HealthChecker/1.0'],
  route53: [
    'Amazon-Route53-Health-Check-Service (ref b5996862-d894-4595-88da-7940808e9665; report http://amzn.to/1vsZADi)',
  ],
  gcpHealthCheck: ['GoogleHC/1.0'],
  gcpUptimeCheck: ['GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)'],
  azureFrontDoor: ['Edge Health Probe'],
  azureAppService: ['HealthCheck/1.0', 'ReadyForRequest/1.0 (HealthCheck)'],
  datadogApi: ['Datadog/Synthetics'],
  datadogBrowser: [`${chrome} DatadogSynthetics`],
  pingdom: ['Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)'],
  uptimeRobot: ['Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)'],
  checkly: ['Checkly/1.0 (https://www.checklyhq.com)', 'Checkly, https://www.checklyhq.com'],
  betterStack: [`Better Stack Better Uptime Bot ${chrome}`, `Better Uptime Bot ${chrome}`],
  grafanaSyntheticMonitoring: [
    'synthetic-monitoring-agent/v0.30.0-0-g864dfd5bcefb (linux amd64; 864dfd5bcefb; +https://github.com/grafana/synthetic-monitoring-agent)',
  ],
  k6: ['Grafana k6/1.4.0', 'k6/0.49.0 (https://k6.io/)'],
};

const others = [
  '',
  chrome,
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0',
  'checkout-service/1.4.2',
  'okhttp/4.12.0',
  'axios/1.7.7',
  'node',
  'undici',
  'Go-http-client/1.1',
  'Java/21.0.2',
  'python-requests/2.32.3',
  'Alamofire/5.9.1',
  'curl/8.5.0',
];

describe.each(Object.entries(agents))('%s', (name, { userAgent, source, synthetic }) => {
  const own = examples[name as AgentName];

  it('is known by its own agents', () => {
    for (const agent of own) expect(agent).toMatch(userAgent);
  });

  it('matches no agent of others', () => {
    const rest = Object.entries(examples).filter(([other]) => other !== name);
    for (const agent of [...others, ...rest.flatMap(([, theirs]) => theirs)]) expect(agent).not.toMatch(userAgent);
  });

  it('can be used by itself, and names its source', () => {
    expect(userAgent.flags).toBe('');
    expect(new URL(source).protocol).toBe('https:');
  });

  it('has the same synthetic type for OpenTelemetry', () => {
    for (const agent of own) expect(syntheticType(agent)).toBe(synthetic);
  });
});

describe('the synthetic type', () => {
  it.each<[string | undefined, 'bot' | 'test' | undefined]>([
    ['AlwaysOn', 'test'],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'bot'],
    ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', 'bot'],
    [undefined, undefined],
    ...others.map((agent): [string, undefined] => [agent, undefined]),
  ])('of %j is %s', (agent, type) => {
    expect(syntheticType(agent)).toBe(type);
  });
});
