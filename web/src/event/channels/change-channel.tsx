import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState, type FormEvent } from 'react'
import { patch, type Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { Failure } from '../../ui/feedback'

interface ChangeChannelProps {
  eventId: string
  name: string
  channel: Schemas['EventChannelDto']
}

/** Limit and weight of one channel. */
export function ChangeChannel(props: ChangeChannelProps) {
  const [opened, { open, close }] = useDisclosure()
  return (
    <>
      <Button size="compact-xs" variant="default" aria-label={`Change limit of ${props.name}`} onClick={open}>
        Limit
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Limit of ${props.name}`}
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <ChannelForm {...props} close={close} />
      </Modal>
    </>
  )
}

function ChannelForm({ eventId, channel, close }: ChangeChannelProps & { close: () => void }) {
  const [maxUnits, setMaxUnits] = useState<string | number>(channel.maxUnits ?? '')
  const [weight, setWeight] = useState<string | number>(channel.weight)
  const body = { maxUnits: maxUnits === '' ? null : Number(maxUnits), weight: Number(weight) }
  const path = { id: eventId, channel: channel.id }
  const change = useAction(() => patch('/api/v1/events/{id}/channels/{channel}', { path, body }), close)
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault()
    change.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <NumberInput
          label="Most tickets"
          description="Empty: no limit"
          min={0}
          max={1_000_000}
          allowDecimal={false}
          value={maxUnits}
          onChange={setMaxUnits}
        />
        <NumberInput label="Weight" required min={0} max={1_000_000} value={weight} onChange={setWeight} />
        <Text size="sm" c="dimmed">
          Units above the limit go to other channels. The weight decides shares until sales show the demand.
        </Text>
        <Failure error={change.error} title="Not changed" />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending}>
            Change
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
