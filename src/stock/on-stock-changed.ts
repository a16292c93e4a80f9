import type { RunsIn } from '../infrastructure/background/background-task.js'
import { markMethod } from '../infrastructure/background/decorated-methods.js'
import type { StockChanged } from './stock-events.js'

export const ON_STOCK_CHANGED = Symbol('on stock changed')

export interface OnStockChangedOptions {
  /** Default `worker`. */
  runsIn?: RunsIn
}

/** Calls the method after each change of stock by this process, until it shuts down; see `StockEvents`. */
export function OnStockChanged(options: OnStockChangedOptions = {}) {
  return <Method extends (change: StockChanged) => void | Promise<void>>(
    _target: object,
    _key: string,
    { value }: TypedPropertyDescriptor<Method>,
  ): void => {
    if (value) markMethod(ON_STOCK_CHANGED, value, options)
  }
}
