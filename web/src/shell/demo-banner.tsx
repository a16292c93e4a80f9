import { Text } from '@mantine/core'
import { remove } from '../api/client'
import { useDemo } from '../api/queries'
import { useMay } from '../api/session'
import { ConfirmButton } from '../ui/confirm'

/** On every page of a demo: that nothing here is real, and how to end it. */
export function DemoBanner() {
  const state = useDemo().data?.state ?? 'NONE'
  const mayRemove = useMay('ADMIN')
  if (state === 'NONE') return null
  return (
    <section className="demo" aria-label="Demo">
      <Text size="sm">
        <b>Demo.</b>{' '}
        {state === 'RUNNING'
          ? 'Meetup, Eventbrite and Luma are simulated, and so are their buyers. Nothing real is sold.'
          : 'It is removed. The simulated platforms go when the service is started again.'}
      </Text>
      {state === 'RUNNING' && mayRemove ? (
        <ConfirmButton
          label="Remove the demo"
          quiet
          word="remove"
          plan={[
            'The events of the demo are closed permanently and no longer listed.',
            'Your own events are not touched.',
            'When the service is started again it has no simulated platforms, unless it is started with DEMO=on.',
          ]}
          work={() => remove('/api/v1/demo')}
        />
      ) : null}
    </section>
  )
}
