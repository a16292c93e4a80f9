import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { patch, type Schemas } from '../api/client'
import { useAction } from '../ui/action'
import { ChangeDialog, ChangeForm } from '../ui/change-dialog'
import { fromZonedTime, toZonedTime } from '../ui/zoned-time'

type Times = Pick<Schemas['EventDto'], 'startsAt' | 'endsAt' | 'salesEndAt'>

const FIELDS = [
  ['startsAt', 'Start'],
  ['endsAt', 'End'],
  ['salesEndAt', 'End of online sales'],
] as const satisfies readonly (readonly [keyof Times, string])[]

/** Start, end, and until when customers may buy. */
export function ChangeTimes({ event }: { event: Schemas['EventDto'] }) {
  const form = (close: () => void) => <TimesForm event={event} close={close} />
  return <ChangeDialog title="Change times" label="Change times" size="xs" form={form} />
}

function TimesForm({ event, close }: { event: Schemas['EventDto']; close: () => void }) {
  const zone = event.timezone
  const before = {
    startsAt: toZonedTime(event.startsAt, zone),
    endsAt: toZonedTime(event.endsAt, zone),
    salesEndAt: toZonedTime(event.salesEndAt, zone),
  }
  const [times, setTimes] = useState(before)
  /** Only changed values: the others keep following the start, or their seconds. */
  const changes = () =>
    Object.fromEntries(
      FIELDS.filter(([name]) => times[name] !== before[name]).map(([name]) => [name, fromZonedTime(times[name], zone)]),
    )
  const change = useAction(() => patch('/api/v1/events/{id}', { path: { id: event.id }, body: changes() }), close)
  return (
    <ChangeForm
      change={change}
      close={close}
      note={`In the time zone of the event, ${zone}. Staff can sell at the door until the end; two days after it the event is over.`}
    >
      {FIELDS.map(([name, label]) => (
        <TextInput
          key={name}
          type="datetime-local"
          label={label}
          required
          value={times[name]}
          onChange={(e) => setTimes({ ...times, [name]: e.target.value })}
        />
      ))}
    </ChangeForm>
  )
}
