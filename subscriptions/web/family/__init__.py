"""The page on which a family member answers by the code in our message, and the fields in which a senior names them."""
