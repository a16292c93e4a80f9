import { Button, Center } from '@mantine/core'

interface Pages {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
}

/** Reads the next page of a list, while there is one. */
export function More({ of }: { of: Pages }) {
  if (!of.hasNextPage) return null
  return (
    <Center mt="sm">
      <Button variant="default" size="xs" loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
        Show more
      </Button>
    </Center>
  )
}
