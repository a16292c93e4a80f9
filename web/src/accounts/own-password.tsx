import { Button, SimpleGrid, Stack, Text } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { post } from '../api/client'
import { useAction } from '../ui/action'
import { Failure } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { PasswordField } from '../ui/password-field'

const EMPTY = { currentPassword: '', newPassword: '' }

/** Changes the password of who is signed in. */
export function OwnPassword() {
  const [form, setForm] = useState(EMPTY)
  const change = useAction(
    () => post('/api/v1/auth/password', { body: form }),
    () => setForm(EMPTY),
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <Panel title="Your password">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs" style={{ alignItems: 'end' }}>
            <PasswordField
              label="Present password"
              value={form.currentPassword}
              onChange={(currentPassword) => setForm({ ...form, currentPassword })}
            />
            <PasswordField
              label="New password"
              fresh
              value={form.newPassword}
              onChange={(newPassword) => setForm({ ...form, newPassword })}
            />
          </SimpleGrid>
          <Failure error={change.error} title="Not changed" />
          <Button type="submit" variant="default" loading={change.isPending} w={160}>
            Change
          </Button>
          {change.isSuccess ? (
            <Text size="sm" role="status">
              ✓ Changed. Your other sessions have ended.
            </Text>
          ) : null}
        </Stack>
      </form>
    </Panel>
  )
}
