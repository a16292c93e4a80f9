import { Button, List, NumberInput, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { newKey, post, type Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { count } from '../../ui/count'
import { Failure } from '../../ui/feedback'
import { Panel } from '../../ui/panel'

interface SafetySaleFormProps {
  event: Schemas['EventDto']
  stock: Schemas['StockDto']
}

const EMPTY = { quantity: 1, name: '', email: '', reason: '' }

/** A manual sale, also during a red alarm. */
export function SafetySaleForm({ event, stock }: SafetySaleFormProps) {
  const [form, setForm] = useState(EMPTY)
  // Of this sale: "Sell" after a lost response does not sell twice.
  const [key, setKey] = useState(newKey)
  const fill = (filled: typeof EMPTY) => {
    setForm(filled)
    setKey(newKey())
  }
  const set = (changes: Partial<typeof EMPTY>) => fill({ ...form, ...changes })
  const sale = useAction(
    () => {
      const { quantity, name, email, reason } = form
      const body = { quantity, reason, buyer: { name, email } }
      return post('/api/v1/events/{id}/safety-stock/sales', { path: { id: event.id }, body, idempotencyKey: key })
    },
    () => fill(EMPTY),
  )
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault()
    sale.mutate()
  }
  return (
    <Panel title="Sell from the safety stock">
      <form onSubmit={submit}>
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            {count(stock.safetyStock.remaining)} left. They count as sold on the direct channel.
          </Text>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
            <NumberInput
              label="Tickets"
              required
              min={1}
              max={Math.max(1, stock.safetyStock.remaining)}
              allowDecimal={false}
              value={form.quantity}
              onChange={(value) => set({ quantity: Number(value) })}
            />
            <TextInput
              label="Reason"
              required
              maxLength={500}
              value={form.reason}
              onChange={(e) => set({ reason: e.target.value })}
            />
            <TextInput
              label="Buyer's name"
              required
              maxLength={200}
              value={form.name}
              onChange={(e) => set({ name: e.target.value })}
            />
            <TextInput
              label="Buyer's e-mail"
              type="email"
              required
              value={form.email}
              onChange={(e) => set({ email: e.target.value })}
            />
          </SimpleGrid>
          <Failure error={sale.error} title="Nothing was sold" />
          <Button type="submit" loading={sale.isPending} disabled={stock.safetyStock.remaining === 0}>
            Sell
          </Button>
          {sale.data ? <Sold tickets={sale.data.tickets} /> : null}
        </Stack>
      </form>
    </Panel>
  )
}

function Sold({ tickets }: { tickets: readonly Schemas['IssuedTicketDto'][] }) {
  return (
    <div role="status">
      <Text size="sm" fw={600}>
        ✓ Sold {count(tickets.length)}. Codes for check-in:
      </Text>
      <List size="sm">
        {tickets.map(({ id, code }) => (
          <List.Item key={id} className="event-name">
            <code>{code}</code>
          </List.Item>
        ))}
      </List>
    </div>
  )
}
