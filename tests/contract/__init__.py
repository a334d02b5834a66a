"""What the backend says of itself at `/openapi.json` is true, whatever it is asked and by whomever."""
