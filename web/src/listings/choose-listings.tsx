import { Button, Group, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import type { Choice } from './choice'
import { ListingPicker } from './listing-picker'

interface ChooseListingsProps {
  chosen: readonly Choice[]
  onChange: (chosen: readonly Choice[]) => void
  most: number
}

/** A button that opens the choice of several listings. */
export function ChooseListings(props: ChooseListingsProps) {
  const [opened, { open, close }] = useDisclosure()
  return (
    <>
      <Button onClick={open}>Choose listings</Button>
      <Modal
        opened={opened}
        onClose={close}
        title="Choose the listings of the event"
        size="xl"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Choosing {...props} close={close} />
      </Modal>
    </>
  )
}

function Choosing({ chosen: before, onChange, most, close }: ChooseListingsProps & { close: () => void }) {
  const [chosen, setChosen] = useState(before)
  const use = () => {
    onChange(chosen)
    close()
  }
  return (
    <>
      <ListingPicker chosen={chosen} onChange={setChosen} most={most} />
      <Group justify="flex-end" className="dialog-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button onClick={use} disabled={chosen.length === 0 && before.length === 0}>
          {chosen.length === 1 ? 'Use this listing' : `Use ${chosen.length} listings`}
        </Button>
      </Group>
    </>
  )
}
