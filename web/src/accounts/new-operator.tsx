import { Button, NativeSelect, PasswordInput, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { post } from '../api/client'
import { useAction } from '../ui/action'
import { Failure } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { ROLES } from './operators'

const EMPTY = { email: '', name: '', role: 'OPERATOR' as (typeof ROLES)[number], password: '' }

export function NewOperator() {
  const [form, setForm] = useState(EMPTY)
  const set = (changes: Partial<typeof EMPTY>) => setForm({ ...form, ...changes })
  const create = useAction(
    () => post('/api/v1/operators', { body: form }),
    () => setForm(EMPTY),
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Panel title="New staff member">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
            <TextInput
              label="Name"
              required
              maxLength={200}
              value={form.name}
              onChange={(e) => set({ name: e.target.value })}
            />
            <TextInput
              label="E-mail"
              type="email"
              required
              value={form.email}
              onChange={(e) => set({ email: e.target.value })}
            />
            <NativeSelect
              label="Role"
              value={form.role}
              onChange={(e) => set({ role: e.target.value as typeof form.role })}
              data={ROLES.map((role) => ({ value: role, label: role.toLowerCase() }))}
            />
            <PasswordInput
              label="First password"
              required
              minLength={8}
              autoComplete="new-password"
              value={form.password}
              onChange={(e) => set({ password: e.target.value })}
              visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
            />
          </SimpleGrid>
          <Failure error={create.error} title="Not created" />
          <Button type="submit" variant="default" loading={create.isPending} w={160}>
            Create
          </Button>
          {create.data ? (
            <Text size="sm" role="status">
              ✓ {create.data.name} can sign in now.
            </Text>
          ) : null}
        </Stack>
      </form>
    </Panel>
  )
}
