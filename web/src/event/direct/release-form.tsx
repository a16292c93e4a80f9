import { Button, NativeSelect, NumberInput, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { post, type Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { count } from '../../ui/count'
import { Failure } from '../../ui/feedback'
import { channelName } from '../../ui/labels'
import { Panel } from '../../ui/panel'

interface ReleaseFormProps {
  event: Schemas['EventDto']
  stock: Schemas['StockDto']
}

type Platform = Schemas['RequestReleaseBody']['platform']

/** Requests a release of safety stock to a platform; another admin decides. */
export function ReleaseForm({ event, stock }: ReleaseFormProps) {
  const [channelId, setChannelId] = useState(event.channels[0]?.id ?? '')
  const [quantity, setQuantity] = useState(1)
  const [reason, setReason] = useState('')
  const units = stock.safetyStock.remaining + stock.safetyStock.freed
  const platform = event.channels.find(({ id }) => id === channelId)?.platform as Platform
  const request = useAction(
    () =>
      post('/api/v1/events/{id}/safety-stock/releases', {
        path: { id: event.id },
        body: { platform, channelId, quantity, reason },
      }),
    () => setReason(''),
  )
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault()
    request.mutate()
  }
  return (
    <Panel title="Request a release">
      <form onSubmit={submit}>
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            Lets a platform sell some of the safety stock, once an admin other than you approves.
            {stock.safetyStock.freed > 0
              ? ` ${count(stock.safetyStock.freed)} units freed from it are used first.`
              : ''}
          </Text>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
            <NativeSelect
              label="Platform"
              value={channelId}
              onChange={(change) => setChannelId(change.target.value)}
              data={event.channels.map((channel) => ({
                value: channel.id,
                label: channelName(channel, event.channels),
              }))}
            />
            <NumberInput
              label="Units"
              required
              min={1}
              max={Math.max(1, units)}
              allowDecimal={false}
              value={quantity}
              onChange={(value) => setQuantity(Number(value))}
            />
          </SimpleGrid>
          <TextInput
            label="Reason for the release"
            required
            maxLength={500}
            value={reason}
            onChange={(e) => setReason(e.target.value)}
          />
          <Failure error={request.error} title="Request failed" />
          <Button type="submit" variant="default" loading={request.isPending} disabled={units === 0}>
            Request
          </Button>
          {request.data ? (
            <Text size="sm" role="status">
              ✓ Requested. An admin has to approve it below.
            </Text>
          ) : null}
        </Stack>
      </form>
    </Panel>
  )
}
