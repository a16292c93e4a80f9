import { Button, Fieldset, Group, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent, type ReactNode } from 'react'
import { patch, type Schemas } from '../api/client'
import { useMay } from '../api/session'
import { DirectFields, StockFields, TimeFields, WhatFields } from '../event-form/event-fields'
import { changesOf, EVENT_FIELDS, valuesOf } from '../event-form/event-values'
import { useAction } from '../ui/action'
import { Failure } from '../ui/feedback'
import { isShownAtFields, useFields } from '../ui/form-fields'
import { Panel } from '../ui/panel'

type Event = Schemas['EventDto']

/** Everything that can be changed of an event. Listings are changed one by one under Channels. */
export function SettingsTab({ event }: { event: Event }) {
  // As it was when the form was opened or last saved: what others change in the meantime is not sent.
  const [before, setBefore] = useState(() => valuesOf(event))
  const save = useAction(
    (body: Schemas['PatchEventBody']) => patch('/api/v1/events/{id}', { path: { id: event.id }, body }),
    (saved) => {
      setBefore(valuesOf(saved))
      fields.reset(valuesOf(saved))
    },
  )
  const fields = useFields(before, save.error)
  const isAdmin = useMay('ADMIN')
  const { values } = fields
  const changes = changesOf(values, before)
  const isChanged = Object.keys(changes).some((name) => name !== 'reason')
  const freesSafetyStock = Number(values.safetyStockRatio) < Number(before.safetyStockRatio)
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault()
    save.mutate(changes)
  }
  return (
    <Panel title="Settings">
      <form onSubmit={submit}>
        <Stack>
          <Fieldset legend="Event">
            <WhatFields fields={fields} />
          </Fieldset>
          <Fieldset legend={`Times, in ${event.timezone}`}>
            <TimeFields fields={fields} />
            <Note>Staff can sell at the door until the end; two days after it the event is over.</Note>
          </Fieldset>
          <Fieldset legend="Stock">
            <StockFields fields={fields} />
            <Note>
              The platforms get new caps. A smaller capacity comes into force once they have confirmed theirs.
              {isAdmin ? '' : ' Only an admin can lower the safety stock.'}
            </Note>
            {freesSafetyStock && isAdmin ? (
              <TextInput
                mt="sm"
                label="Reason to free safety stock"
                description="What is freed is sold directly. Platforms get it by a release only."
                required
                maxLength={500}
                value={values.reason}
                error={fields.of('reason').error}
                onChange={(e) => fields.of('reason').onChange(e.currentTarget.value)}
              />
            ) : null}
          </Fieldset>
          <Fieldset legend="Direct sales">
            <DirectFields fields={fields} />
          </Fieldset>
          <Failure
            error={save.error && isShownAtFields(save.error, EVENT_FIELDS) ? 'See the marked fields.' : save.error}
            title="Not saved"
          />
          <Group justify="flex-end">
            {save.isSuccess && !isChanged ? (
              <Text size="sm" role="status">
                ✓ Saved.
              </Text>
            ) : null}
            <Button variant="default" disabled={!isChanged} onClick={() => fields.reset(before)}>
              Discard changes
            </Button>
            <Button type="submit" disabled={!isChanged} loading={save.isPending}>
              Save changes
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  )
}

function Note({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed" mt="sm">
      {children}
    </Text>
  )
}
