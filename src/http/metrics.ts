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
  /** From an entry's making to its leaf's index; on PostgreSQL, where a tick gives it. */
  readonly inclusion: Histogram
  /** Equations that did not hold in the latest nightly reconciliation: alarm above 0. */
  readonly differences: Gauge
  /** Requests to our witnesses that brought no cosignature. */
  readonly witnessFaults: Counter<'witness' | 'fault'>
  readonly unwitnessed: Gauge
  /** 1 while this instance cannot sign the log that is being written, else 0. */
  readonly keyMissing: Gauge
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
    witnessFaults: new Counter({
      name: 'symbolon_witness_faults_total',
      help: 'Requests to witnesses of our log that brought no cosignature, by reason',
      labelNames: ['witness', 'fault'],
      registers,
    }),
    unwitnessed: new Gauge({
      name: 'symbolon_log_unwitnessed_seconds',
      help: 'Age of the latest quorum while the log has grown past it, else 0',
      registers,
    }),
    keyMissing: new Gauge({
      name: 'symbolon_log_key_missing',
      help: 'Whether the key folder lacks the key of the open log, which others sign meanwhile',
      registers,
    }),
    inclusion: new Histogram({
      name: 'symbolon_log_inclusion_seconds',
      help: 'Time from making an entry until its leaf is in the signed log',
      buckets: [0.03, 0.1, 0.2, 0.3, 0.5, 1, 5, 30, 60],
      registers,
    }),
    differences: new Gauge({
      name: 'symbolon_reconciliation_differences',
      help: 'Equations that did not hold in the latest nightly reconciliation',
      registers,
    }),
    pendingLeaves: new Gauge({
      name: 'symbolon_pending_leaves',
      help: 'Leaves that wait for their index',
      registers,
    }),
  }
}
