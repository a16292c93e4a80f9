import type { ButtonProps } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { ChangeForm } from '../../ui/change-dialog'
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
    mutate: () => (plan === null ? preview : change).mutate(),
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
  const { plan } = change
  const step = plan === null ? { action: 'Preview' } : { action, color }
  return (
    <ChangeForm change={change} close={close} back={back} failure="Request failed" {...step}>
      {children}
      {plan === null ? null : <PlannedChanges title={title} plan={plan} />}
    </ChangeForm>
  )
}
