import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

import { signatureChecks } from '../keys/verify-es256.ts'

/** What is counted, in Prometheus' words. Labels are routes and codes, never ids. */
export interface Metrics {
  readonly registry: Registry
  readonly requests: Histogram<'method' | 'route' | 'status'>
  readonly refusals: Counter<'code'>
  /** Refusals that an operation gave without declaring them: each is a mistake in its schema. */
  readonly undeclared: Counter<'route' | 'code'>
  readonly logSize: Gauge
  readonly pendingLeaves: Gauge
}

/** Metrics of one server, in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  new Counter({
    name: 'symbolon_signature_checks_total',
    help: 'ES256 signatures that the verifying thread was asked to check',
    registers,
    collect() {
      this.reset()
      this.inc(signatureChecks.asked)
    },
  })
  return {
    registry,
    requests: new Histogram({
      name: 'symbolon_http_request_seconds',
      help: 'Time to answer a request',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
      registers,
    }),
    refusals: new Counter({
      name: 'symbolon_refusals_total',
      help: 'Refusals by code',
      labelNames: ['code'],
      registers,
    }),
    undeclared: new Counter({
      name: 'symbolon_undeclared_refusals_total',
      help: 'Refusals that the OpenAPI document does not list for their operation',
      labelNames: ['route', 'code'],
      registers,
    }),
    logSize: new Gauge({ name: 'symbolon_log_size', help: 'Leaves in the log', registers }),
    pendingLeaves: new Gauge({
      name: 'symbolon_pending_leaves',
      help: 'Leaves that wait for their index',
      registers,
    }),
  }
}
