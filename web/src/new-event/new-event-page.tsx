import { Anchor, Stack, Title } from '@mantine/core'
import { useState } from 'react'
import { post, type Schemas } from '../api/client'
import { useMay } from '../api/session'
import { newEventBody, newEventValues } from '../event-form/event-values'
import { listingBody, type ListingValues } from '../listings/listing-values'
import { useAction } from '../ui/action'
import { Nothing } from '../ui/feedback'
import { useFields } from '../ui/form-fields'
import { linkTo } from '../ui/route'
import { NewEventForm } from './new-event-form'
import { NewEventReview } from './new-event-review'

/** Creates an event: what it is and where it is sold, then a review, then the progress on the platforms. */
export default function NewEventPage() {
  const mayCreate = useMay('OPERATOR')
  const [step, setStep] = useState<'form' | 'review'>('form')
  const [listings, setListings] = useState<readonly ListingValues[]>([])
  const create = useAction(
    (body: Schemas['CreateEventBody']) => post('/api/v1/events', { body }),
    ({ id }) => {
      window.location.hash = linkTo('events', id, 'setup')
    },
  )
  const fields = useFields(newEventValues(), create.error)
  const submit = () => {
    const body = { ...newEventBody(fields.values), channels: listings.map(listingBody) }
    create.mutate(body, { onError: () => setStep('form') })
  }
  return (
    <Stack>
      <div>
        <Anchor size="sm" href={linkTo()}>
          ← Overview
        </Anchor>
        <Title order={1} size="h2">
          {step === 'form' ? 'New event' : 'Review the new event'}
        </Title>
      </div>
      {!mayCreate ? <Nothing>Events are created by operators and admins.</Nothing> : null}
      {mayCreate && step === 'form' ? (
        <NewEventForm
          fields={fields}
          listings={listings}
          onListings={setListings}
          error={create.error}
          onReview={() => setStep('review')}
        />
      ) : null}
      {mayCreate && step === 'review' ? (
        <NewEventReview
          values={fields.values}
          listings={listings}
          isCreating={create.isPending}
          onCreate={submit}
          onBack={() => setStep('form')}
        />
      ) : null}
    </Stack>
  )
}
