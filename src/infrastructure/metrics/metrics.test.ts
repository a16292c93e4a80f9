import { describe, expect, it } from 'vitest'
import { Metrics } from './metrics.js'

describe('Metrics', () => {
  it('renders all metrics with the prefix, in addition to those of the process', async () => {
    const metrics = new Metrics().addProcessMetrics()
    metrics.counter('sales_recorded_total', 'Sales', ['kind']).inc({ kind: 'sale' }, 2)
    metrics.gauge('held_tickets', 'Held', [], (gauge) => gauge.set(7))
    metrics.histogram('ledger_commit_seconds', 'Commit').observe(0.003)
    const text = await metrics.render()
    expect(text).toContain('trafficpolice_sales_recorded_total{kind="sale"} 2')
    expect(text).toContain('trafficpolice_held_tickets 7')
    expect(text).toContain('trafficpolice_ledger_commit_seconds_bucket{le="0.005"} 1')
    expect(text).toContain('process_cpu_seconds_total')
  })

  it('returns the same metric for the same name, and rejects another type', () => {
    const metrics = new Metrics()
    expect(metrics.counter('x_total', 'X')).toBe(metrics.counter('x_total', 'X'))
    expect(() => metrics.gauge('x_total', 'X')).toThrow('already registered with another type')
  })

  it('has a separate registry per instance', async () => {
    new Metrics().counter('x_total', 'X').inc()
    expect(await new Metrics().render()).not.toContain('x_total')
  })
})
