/** Returns a template whose condition is in line 13. */
export function overdueTemplate(condition: string): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  metrics:
    - name: failures
      interval: 30s
      count: 5
      failureLimit: 1
      inconclusiveLimit: 2
      consecutiveErrorLimit: 20
      initialDelay: 3m
      successCondition: ${condition}
      provider: { prometheus: { query: 'sum(http_requests_overdue{rollouts_pod_template_hash="a"})' } }
`;
}

export const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec: {}\n';
