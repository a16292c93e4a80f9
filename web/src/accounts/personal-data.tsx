import { Button, Code, Group, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { get, remove, type Schemas } from '../api/client'
import { useAction } from '../ui/action'
import { ConfirmButton } from '../ui/confirm'
import { count } from '../ui/count'
import { Failure } from '../ui/feedback'
import { Panel } from '../ui/panel'

/** What is stored about a person: shown, and erased on request. For admins. */
export function PersonalData() {
  const [email, setEmail] = useState('')
  const [receipt, setReceipt] = useState<Schemas['ErasureReceiptDto'] | null>(null)
  const found = useAction(() => get('/api/v1/people', { query: { email } }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setReceipt(null)
    found.mutate()
  }
  const person = receipt ? undefined : found.data
  return (
    <Panel title="Personal data">
      <Stack gap="sm">
        <form onSubmit={submit}>
          <Group align="end" gap="xs">
            <TextInput
              label="E-mail of the person"
              type="email"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
            <Button type="submit" variant="default" loading={found.isPending}>
              Show
            </Button>
          </Group>
        </form>
        <Failure error={found.error} />
        {person && (
          <>
            <Text size="sm" role="status">
              {person.email}: {count(person.orders.length)} orders, {count(person.payments.length)} payments,{' '}
              {count(person.waitlistEntries.length)} waitlist entries, {person.account ? 'an' : 'no'} account
            </Text>
            <Code block mah={240}>
              {JSON.stringify(person, null, 2)}
            </Code>
            <ConfirmButton
              label="Erase the person"
              word="erase"
              plan={[
                'Name and address are erased from orders, payments and the waitlist, and the account is closed.',
                'Orders, tickets and payments keep their numbers.',
                'Platforms keep data of their own: it has to be erased there.',
              ]}
              work={async () => setReceipt(await remove('/api/v1/people', { query: { email: person.email } }))}
            />
          </>
        )}
        {receipt && (
          <Text size="sm" role="status">
            ✓ Erased. Receipt {receipt.id}
            {receipt.platforms.length > 0 ? `; also to be erased on ${receipt.platforms.join(', ')}` : ''}.
          </Text>
        )}
      </Stack>
    </Panel>
  )
}
