import { NumberInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { patch, type Schemas } from '../api/client'
import { useMay } from '../api/session'
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
  const [reason, setReason] = useState('')
  const isAdmin = useMay('ADMIN')
  const frees = Number(safety) < percent(event.safetyStockRatio)
  const change = useAction(() => patch('/api/v1/events/{id}', { path: { id: event.id }, body: changes() }), close)
  /** Only changed values: a changed capacity replans the caps. */
  const changes = () => ({
    ...(Number(capacity) === event.targetCapacity ? {} : { capacity: Number(capacity) }),
    ...(Number(softCap) === percent(event.softCapRatio) ? {} : { softCapRatio: ratio(Number(softCap)) }),
    ...(Number(safety) === percent(event.safetyStockRatio) ? {} : { safetyStockRatio: ratio(Number(safety)) }),
    ...(frees ? { reason } : {}),
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
        min={isAdmin ? 0 : percent(event.safetyStockRatio)}
        max={90}
        description={isAdmin ? undefined : 'Only an admin can lower it.'}
        decimalScale={1}
        value={safety}
        onChange={setSafety}
      />
      {frees ? (
        <TextInput
          label="Reason to free safety stock"
          description="What is freed is sold directly. Platforms get it by a release only."
          required
          maxLength={500}
          value={reason}
          onChange={(e) => setReason(e.target.value)}
        />
      ) : null}
    </ChangeForm>
  )
}
