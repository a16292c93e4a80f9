import { Button, Center, Stack, Text, Title } from '@mantine/core'
import { signOut } from './sign-out'

export function CustomerNotice() {
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack align="center">
        <Title order={1} size="h3">
          This page is for staff
        </Title>
        <Text>Customers buy tickets through the API of the direct channel.</Text>
        <Button onClick={() => void signOut()}>Sign out</Button>
      </Stack>
    </Center>
  )
}
