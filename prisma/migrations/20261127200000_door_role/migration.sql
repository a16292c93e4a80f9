-- Staff at the door: they see who comes, and check them in.
ALTER TYPE "Role" ADD VALUE 'DOOR' BEFORE 'CUSTOMER';
