import { Button, Group, Stack, type ButtonProps } from '@mantine/core'
import { useState, type FormEvent, type ReactNode } from 'react'
import type { Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { Failure } from '../../ui/feedback'
import { PlannedChanges } from './planned-changes'

type Plan = Schemas['PlannedChangesDto']

/** A change of listings in two steps: its preview, then the change itself. */
export function usePreviewed(request: (preview: boolean) => Promise<Plan>, done: () => void) {
  const [plan, setPlan] = useState<Plan | null>(null)
  const preview = useAction(() => request(true), setPlan)
  const change = useAction(() => request(false), done)
  return {
    plan,
    /** The preview is of other values. */
    discard: () => setPlan(null),
    submit: () => (plan === null ? preview : change).mutate(),
    error: preview.error ?? change.error,
    isPending: preview.isPending || change.isPending,
  }
}

interface PreviewedFormProps {
  change: ReturnType<typeof usePreviewed>
  close: () => void
  /** What the list of planned changes is called. */
  title: string
  /** On the button that applies the change, and on the one that does not. */
  action: string
  back: string
  color?: NonNullable<ButtonProps['color']>
  /** The inputs. */
  children: ReactNode
}

/** Inputs, the planned changes once they are known, and the buttons for both steps. */
export function PreviewedForm({ change, close, title, action, back, color = 'blue', children }: PreviewedFormProps) {
  const { plan, submit, error, isPending } = change
  const onSubmit = (submitted: FormEvent) => {
    submitted.preventDefault()
    submit()
  }
  return (
    <form onSubmit={onSubmit}>
      <Stack gap="sm">
        {children}
        {plan === null ? null : <PlannedChanges title={title} plan={plan} />}
        <Failure error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {back}
          </Button>
          <Button type="submit" color={plan === null ? 'blue' : color} loading={isPending}>
            {plan === null ? 'Preview' : action}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
