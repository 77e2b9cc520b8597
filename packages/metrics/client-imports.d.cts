export declare const filename: string | undefined;
export declare function requirePromClient(): unknown;
export declare function requirePrometheusClient(): unknown;
