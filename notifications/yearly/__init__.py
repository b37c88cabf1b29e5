"""The yearly message on what a person's data is used for (개인정보 보호법 §20의2): listed, claimed, sent, polled."""
