"""What translating a whole archive takes, through an endpoint on the loopback interface."""
