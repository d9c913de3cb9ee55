"""What a worker with an image model needs: the weights on this machine, and a pipeline of them."""
