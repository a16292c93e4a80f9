import { NumberInput } from '@mantine/core'
import { useState } from 'react'
import { patch, type Schemas } from '../api/client'
import { useAction } from '../ui/action'
import { ChangeDialog, ChangeForm } from '../ui/change-dialog'

/** Capacity, soft cap and safety stock. */
export function ChangeLimits({ event }: { event: Schemas['EventDto'] }) {
  const form = (close: () => void) => <LimitsForm event={event} close={close} />
  return <ChangeDialog title="Change limits" label="Change limits" size="xs" form={form} />
}

const percent = (ratio: number) => Math.round(ratio * 1_000) / 10
const ratio = (percentage: number) => Math.round(percentage * 10) / 1_000

function LimitsForm({ event, close }: { event: Schemas['EventDto']; close: () => void }) {
  const [capacity, setCapacity] = useState<string | number>(event.targetCapacity)
  const [softCap, setSoftCap] = useState<string | number>(percent(event.softCapRatio))
  const [safety, setSafety] = useState<string | number>(percent(event.safetyStockRatio))
  const change = useAction(() => patch('/api/v1/events/{id}', { path: { id: event.id }, body: changes() }), close)
  /** Only changed values: a changed capacity replans the caps. */
  const changes = () => ({
    ...(Number(capacity) === event.targetCapacity ? {} : { capacity: Number(capacity) }),
    ...(Number(softCap) === percent(event.softCapRatio) ? {} : { softCapRatio: ratio(Number(softCap)) }),
    ...(Number(safety) === percent(event.safetyStockRatio) ? {} : { safetyStockRatio: ratio(Number(safety)) }),
  })
  return (
    <ChangeForm
      change={change}
      close={close}
      note="The platforms get new caps. A smaller capacity comes into force once they have confirmed theirs."
    >
      <NumberInput
        label="Capacity"
        required
        min={1}
        max={1_000_000}
        allowDecimal={false}
        value={capacity}
        onChange={setCapacity}
      />
      <NumberInput
        label="Soft cap, %"
        required
        min={0.1}
        max={100}
        decimalScale={1}
        value={softCap}
        onChange={setSoftCap}
      />
      <NumberInput
        label="Safety stock, %"
        required
        min={0}
        max={90}
        decimalScale={1}
        value={safety}
        onChange={setSafety}
      />
    </ChangeForm>
  )
}
