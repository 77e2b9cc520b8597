/** The name that a known client sends. A name proves nothing: use it together with an address, never instead of one. */
export interface AgentPreset {
  readonly userAgent: RegExp;
  /** Where the name is documented, or written in the source. */
  readonly source: string;
  /**
   * The type by which OpenTelemetry calls it; absent for probes and scrapers, which test nothing on behalf of a user.
   */
  readonly synthetic?: 'test';
  readonly note?: string;
}

/** The clients that have a preset. */
export type AgentName =
  | 'kubelet'
  | 'prometheus'
  | 'blackboxExporter'
  | 'envoy'
  | 'consul'
  | 'elb'
  | 'route53'
  | 'gcpHealthCheck'
  | 'gcpUptimeCheck'
  | 'azureFrontDoor'
  | 'azureAppService'
  | 'datadogApi'
  | 'datadogBrowser'
  | 'pingdom'
  | 'uptimeRobot'
  | 'checkly'
  | 'betterStack'
  | 'grafanaSyntheticMonitoring'
  | 'k6';

/**
 * Names of probes, scrapers, monitors and load generators, for `userAgents`. Whoever runs a client can change its name.
 */
export const agents: Readonly<Record<AgentName, AgentPreset>> = {
  kubelet: {
    userAgent: /^kube-probe\/\d/,
    source: 'https://github.com/kubernetes/kubernetes/blob/master/pkg/probe/http/request.go',
    note: 'A probe with its own User-Agent in httpHeaders sends that name.',
  },
  prometheus: {
    userAgent: /^Prometheus\/\d/,
    source: 'https://github.com/prometheus/prometheus/blob/main/scrape/scrape.go',
  },
  blackboxExporter: {
    userAgent: /^Blackbox Exporter\//,
    source: 'https://github.com/prometheus/blackbox_exporter/blob/master/prober/http.go',
    synthetic: 'test',
  },
  envoy: {
    userAgent: /^Envoy\/HC$/,
    source: 'https://github.com/envoyproxy/envoy/blob/main/source/common/http/headers.h',
  },
  consul: {
    userAgent: /^Consul Health Check$/,
    source: 'https://github.com/hashicorp/consul/blob/main/agent/checks/check.go',
  },
  elb: {
    userAgent: /^ELB-HealthChecker\/\d/,
    source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html',
    note: 'Application and Classic Load Balancers.',
  },
  route53: {
    userAgent: /^Amazon-Route53-Health-Check-Service \(ref /,
    source: 'https://repost.aws/knowledge-center/route-53-fix-unwanted-health-checks',
  },
  gcpHealthCheck: {
    userAgent: /^GoogleHC\/\d/,
    source: 'https://github.com/oauth2-proxy/oauth2-proxy',
    note: 'The name in log lines, which other projects match too: Google documents its address ranges, not this name.',
  },
  gcpUptimeCheck: {
    userAgent: /^GoogleStackdriverMonitoring-UptimeChecks\b/,
    source: 'https://cloud.google.com/apigee/docs/hybrid/latest/config-prop-ref',
    synthetic: 'test',
  },
  azureFrontDoor: {
    userAgent: /^Edge Health Probe$/,
    source: 'https://learn.microsoft.com/azure/frontdoor/health-probes',
  },
  azureAppService: {
    userAgent: /^(?:HealthCheck|ReadyForRequest)\/1\.0/,
    source: 'https://learn.microsoft.com/azure/app-service/monitor-instances-health-check',
  },
  datadogApi: {
    userAgent: /^Datadog\/Synthetics$/,
    source: 'https://docs.datadoghq.com/synthetics/guide/identify_synthetics_bots/',
    synthetic: 'test',
  },
  datadogBrowser: {
    userAgent: /DatadogSynthetics$/,
    source: 'https://docs.datadoghq.com/synthetics/guide/identify_synthetics_bots/',
    synthetic: 'test',
    note: 'This stands at the end of the name of a browser.',
  },
  pingdom: {
    userAgent: /^Pingdom\.com_bot_version_\d/,
    source: 'https://github.com/ua-parser/uap-core/blob/master/regexes.yaml',
    synthetic: 'test',
    note: 'Uptime checks; transaction checks send the name of a browser.',
  },
  uptimeRobot: {
    userAgent: /^Mozilla\/5\.0\+\(compatible; UptimeRobot\/\d/,
    source: 'https://help.uptimerobot.com/en/articles/11358489-what-is-the-uptimerobot-user-agent-string',
    synthetic: 'test',
  },
  checkly: {
    userAgent: /^Checkly(?:\/\d|, https:\/\/www\.checklyhq\.com)/,
    source: 'https://www.checklyhq.com/docs/monitoring/allowlisting/',
    synthetic: 'test',
  },
  betterStack: {
    userAgent: /^(?:Better Stack )?Better Uptime Bot\b/,
    source: 'https://betterstack.com/docs/uptime/frequently-asked-questions/#what-user-agent-does-uptime-use',
    synthetic: 'test',
  },
  grafanaSyntheticMonitoring: {
    userAgent: /^synthetic-monitoring-agent\//,
    source: 'https://github.com/grafana/synthetic-monitoring-agent/blob/main/internal/version/version.go',
    synthetic: 'test',
  },
  k6: {
    userAgent: /^(?:Grafana )?k6\/\d/,
    source: 'https://grafana.com/docs/k6/latest/using-k6/k6-options/reference/#user-agent',
    synthetic: 'test',
    note: 'Before 1.0 without the word Grafana.',
  },
};
