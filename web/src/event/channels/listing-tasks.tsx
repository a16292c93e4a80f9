import { Alert, Button, Group, NumberInput, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { post, type Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { Failure } from '../../ui/feedback'
import { Age } from '../../ui/times'

interface TaskProps {
  eventId: string
  /** The id of the channel. */
  channel: string
  name: string
  task: Schemas['ListingTaskDto']
  sold: number
}

interface ListingTasksProps {
  event: Schemas['EventDto']
  stock: Schemas['StockDto']
}

/** What a person has to set on listings without an API, and to confirm. */
export function ListingTasks({ event, stock }: ListingTasksProps) {
  const tasks = event.channels.flatMap(({ id, task, label, externalEventId }) =>
    task ? [{ channel: id, task, name: label ?? externalEventId, sold: soldOf(stock, id) }] : [],
  )
  return tasks.map((one) => (
    // A new request starts with its own numbers.
    <TaskCard key={`${one.channel} ${one.task.cap}`} eventId={event.id} {...one} />
  ))
}

function soldOf({ channels }: Schemas['StockDto'], channel: string): number {
  return channels.find(({ id }) => id === channel)?.sold ?? 0
}

function TaskCard({ eventId, channel, name, task, sold: counted }: TaskProps) {
  const [cap, setCap] = useState<string | number>(task.cap)
  const [sold, setSold] = useState<string | number>(counted)
  const path = { id: eventId, channel }
  const body = { cap: Number(cap), sold: Number(sold) }
  const change = useAction(() => post('/api/v1/events/{id}/channels/{channel}/confirm', { path, body }))
  return (
    <Alert role="group" aria-label={`Task for ${name}`} color={task.overdue ? 'red' : 'yellow'} mb="sm">
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault()
          change.mutate()
        }}
      >
        <Stack gap="xs">
          <Text fw={600}>
            Set {name} to {task.cap}, then confirm
          </Text>
          <Text size="sm">
            Requested <Age at={task.since} />
            {task.overdue ? ', overdue' : ''}. Until you confirm, its old cap counts.
          </Text>
          <Group align="end" gap="sm">
            <NumberInput label="Cap" required min={0} max={1_000_000} w={120} value={cap} onChange={setCap} />
            <NumberInput label="Sold" required min={0} max={1_000_000} w={120} value={sold} onChange={setSold} />
            <Button type="submit" loading={change.isPending}>
              Confirm
            </Button>
          </Group>
          <Failure error={change.error} title="Not confirmed" />
        </Stack>
      </form>
    </Alert>
  )
}
