export interface WindowRule {
  limit: number
  windowMs: number
  /** `fixed`: starts with the first call and resets at its end. `sliding`: the last `windowMs` at any time. */
  kind: 'fixed' | 'sliding'
}

export interface WindowState {
  allowed: boolean
  used: number
  /** ms since the epoch: when the fixed window ends, or when the oldest counted call leaves the sliding one. */
  resetAt: number
}

/** A platform's rate limit for one credential. A rejected call is not counted. */
export class WindowLimit {
  private spent: { at: number; weight: number }[] = []

  constructor(private rule: WindowRule) {}

  setRule(rule: Partial<WindowRule>): void {
    this.rule = { ...this.rule, ...rule }
  }

  take(weight: number, now: number): WindowState {
    const state = this.state(now)
    if (state.used + weight > this.rule.limit) return { ...state, allowed: false }
    this.spent.push({ at: now, weight })
    return this.state(now)
  }

  state(now: number): WindowState {
    const { windowMs, kind } = this.rule
    const start = this.spent[0]?.at ?? now
    if (kind === 'fixed' && now - start >= windowMs) this.spent = []
    if (kind === 'sliding') this.spent = this.spent.filter(({ at }) => now - at < windowMs)
    const used = this.spent.reduce((sum, { weight }) => sum + weight, 0)
    return { allowed: true, used, resetAt: (this.spent[0]?.at ?? now) + windowMs }
  }
}
